/** What the videos take, read once and again after each change that the operator makes of it. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { PersonRoom, Room } from "#lib/api/types.ts";

export class MediaNews {
  room = $state<Room | null>(null);
  problem = $state<Refused | null>(null);

  async read(): Promise<void> {
    try {
      this.room = await ask(api.GET("/api/v1/operator/media"));
      this.problem = null;
    } catch (trouble) {
      this.problem = asRefused(trouble);
    }
  }

  async prefer(name: string, value: string | number): Promise<void> {
    await ask(api.PATCH("/api/v1/operator/prefs", { body: { [name]: value } }));
    await this.read();
  }

  /** Gives someone a quota of their own, or everybody's again with null. */
  async give(handle: string, bytes: number | null): Promise<PersonRoom> {
    const given = await ask(api.PUT("/api/v1/operator/people/{handle}/quota", { params: { path: { handle } }, body: { size_bytes: bytes } }));
    await this.read();
    return given;
  }
}
