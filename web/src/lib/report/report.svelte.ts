/** What somebody wants to report; any page asks, one sheet answers. */
import { signedIn } from "#lib/feed/acts.svelte.ts";

export type Subject = {
  kind: "video" | "comment" | "person" | "message" | "sound" | "playlist";
  id: string;
  /** Whose it is, for the sheet's own words. */
  name: string;
  /** The report has arrived: it is hidden for this person from now on. */
  done?: () => void;
};

class Report {
  subject = $state.raw<Subject | null>(null);

  ask(subject: Subject): void {
    if (signedIn("report")) this.subject = subject;
  }
  close(): void {
    this.subject = null;
  }
}

export const report = new Report();
