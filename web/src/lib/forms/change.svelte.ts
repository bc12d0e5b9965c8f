/** One form that changes one thing: waiting, refused, done. */
import { untrack } from "svelte";
import { asRefused, type Refused } from "#lib/api/client.ts";
import { toaster } from "#lib/state/toast.svelte.ts";

export class Change {
  waiting = $state(false);
  refused = $state<Refused | null>(null);

  /** Runs a change once at a time; true when it was made, and then says so. */
  async make(act: () => Promise<void>, said?: string): Promise<boolean> {
    // Untracked: an effect that makes a change would begin anew at its end.
    if (untrack(() => this.waiting)) return false;
    this.waiting = true;
    this.refused = null;
    try {
      await act();
      if (said) toaster.say(said);
      return true;
    } catch (problem) {
      this.refused = asRefused(problem);
      return false;
    } finally {
      this.waiting = false;
    }
  }

  /** The sentence of a refusal that belongs to one field. */
  at(codes: RegExp): string | null {
    return this.refused && codes.test(this.refused.code) ? this.refused.sentence : null;
  }
  /** What is left for the form itself to say. */
  besides(codes: RegExp): Refused | null {
    return this.refused && !codes.test(this.refused.code) ? this.refused : null;
  }
}
