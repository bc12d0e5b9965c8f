/** The English catalogue: every sentence of the app, once, by area. Two areas never share a key. */
import { comments } from "./en/comments.ts";
import { door } from "./en/door.ts";
import { feed } from "./en/feed.ts";
import { frame } from "./en/frame.ts";
import { inbox } from "./en/inbox.ts";
import { lists } from "./en/lists.ts";
import { messages } from "./en/messages.ts";
import { moderation } from "./en/moderation.ts";
import { operator } from "./en/operator.ts";
import { people } from "./en/people.ts";
import { player } from "./en/player.ts";
import { privacy } from "./en/privacy.ts";
import { report } from "./en/report.ts";
import { settings } from "./en/settings.ts";
import { share } from "./en/share.ts";
import { trust } from "./en/trust.ts";
import { uploads } from "./en/uploads.ts";
import { why } from "./en/why.ts";

export const en = { ...comments, ...door, ...feed, ...frame, ...inbox, ...lists, ...messages, ...moderation, ...operator, ...people, ...player, ...privacy, ...report, ...settings, ...share, ...trust, ...uploads, ...why };
