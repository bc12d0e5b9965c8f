/** One area of a catalogue. An entry with `one` and `other` is chosen by `n`. */
export type Sentences = Record<string, string | { one: string; other: string }>;
