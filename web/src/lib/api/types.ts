import type { components } from "./schema";

type Schemas = components["schemas"];

export type Instance = Schemas["Instance"];
export type Me = Schemas["Me"];
export type Person = Schemas["Person"];
export type Video = Schemas["Video"];
export type Upload = Schemas["Upload"];
export type Step = Schemas["Step"];
export type StepName = Step["step"];
export type DraftChange = Schemas["Draft"];
export type Visibility = Video["visibility"];
export type CaptionTrack = Schemas["CaptionTrack"];
export type Sprite = Schemas["Sprite"];
export type Mail = Schemas["Mail"];
export type Job = Schemas["Job"];
export type Pref = Schemas["Pref"];
export type Invitation = Schemas["Invitation"];
export type SessionView = Schemas["SessionView"];
export type HandleState = Schemas["HandleState"];
export type Privacy = Schemas["Privacy"];
export type FeedChoice = Schemas["FeedChoice"];
export type PushKind = Schemas["PushChoices"]["quiet"][number];
export type Export = Schemas["Export"];
export type Muted = Schemas["Muted"];
export type Listed = Schemas["Listed"];
export type Notification = Schemas["Notification"];
export type NotificationFilter = "all" | "comments" | "likes" | "follows" | "mentions" | "notices";
export type Thread = Schemas["Thread"];
export type Message = Schemas["Message"];
export type Case = Schemas["Case"];
export type CaseFile = Schemas["CaseFile"];
export type CaseSubject = Schemas["Subject"];
export type AppealCase = Schemas["AppealCase"];
export type AuditEntry = Schemas["AuditEntry"];
export type MyDecision = Schemas["MyDecision"];
export type Rule = Schemas["Rule"];
export type Category = Schemas["Category"];

export type Card = Schemas["Card"];
export type Counts = Schemas["Counts"];
export type ViewerMarks = Schemas["Viewer"];
export type Served = Schemas["Served"];
/** How the viewer stands to somebody. */
export type Standing = ViewerMarks["following"];
export type Reason = { code: string; weight?: number; [argument: string]: unknown };

export type FeedKind = "for_you" | "following";
export type FeedPage = {
  request_id: string;
  items: Card[];
  /** For each item: what comes after it. */
  cursors: string[];
  next: string | null;
  ended: boolean;
  may_begin_again: boolean;
  empty: boolean;
};
export type Why = { reasons: Reason[]; personal: boolean; source: string };

export type Comment = {
  id: string;
  video_id: string;
  parent_id: string | null;
  author: Schemas["Card"]["author"];
  text: string;
  created_at: string;
  likes: number;
  replies: number;
  liked: boolean;
  pinned: boolean;
  state: string;
  by_creator: boolean;
  liked_by_creator: boolean;
  mine: boolean;
  may_delete: boolean;
  mentions: { handle: string; id: string }[];
};
