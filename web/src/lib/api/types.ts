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

/** How the viewer stands to somebody. */
export type Standing = "none" | "requested" | "accepted";
export type Counts = { views: number; likes: number; comments: number; saves: number; shares: number; reposts: number };
export type ViewerMarks = { liked: boolean; saved: boolean; reposted: boolean; following: Standing };
export type SoundLine = { id: string; title: string; author_handle: string; duration_ms: number };
/** Where a card was served; every event about it says so. */
export type Served = { request_id: string; position: number; ticket: string };
export type Reason = { code: string; weight?: number; [argument: string]: unknown };

export type Card = Schemas["Card"] & {
  counts: Counts;
  viewer: ViewerMarks;
  sound: SoundLine | null;
  tags: { tag: string; name: string }[];
  mentions: { handle: string; id: string }[];
  may_comment: boolean;
  downloads: boolean;
  download_url: string | null;
  ai_made: boolean;
  is_ad: boolean;
  pinned: boolean;
  hidden: boolean;
  served: Served;
  reason: Reason | null;
};

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
