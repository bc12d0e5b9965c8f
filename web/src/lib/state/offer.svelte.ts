/** Somebody without an account pressed something that needs one: the door is offered where they are. */
export type Wish = "like" | "save" | "repost" | "follow" | "comment" | "report" | "hide" | "message";

class Offer {
  wish = $state<Wish | null>(null);

  ask(wish: Wish): void {
    this.wish = wish;
  }
  close(): void {
    this.wish = null;
  }
}

export const offer = new Offer();
