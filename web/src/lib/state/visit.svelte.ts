/** Whose visit this is: somebody who comes or goes begins another, and pages made for one person begin anew. */
class Visit {
  turn = $state(0);
  #person: string | null | undefined;

  /** Says who is here; true when that is somebody else than before. The first answer begins nothing: the pages were asked for by the same cookie. */
  is(person: string | null | undefined): boolean {
    if (person === undefined || person === this.#person) return false;
    const begun = this.#person !== undefined;
    this.#person = person;
    if (begun) this.turn += 1;
    return begun;
  }
}

export const visit = new Visit();
