import type { components } from "./schema";

type Schemas = components["schemas"];

export type Instance = Schemas["Instance"];
export type Me = Schemas["Me"];
export type Person = Schemas["Person"];
export type Card = Schemas["Card"];
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
