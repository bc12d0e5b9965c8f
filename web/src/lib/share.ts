/** Passing a link on: the system's own sheet where there is one, else the clipboard. */
import { t } from "#lib/i18n/index.ts";
import { toaster } from "#lib/state/toast.svelte.ts";

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toaster.say(t("share.copied"));
  } catch {
    // Plain http has no clipboard: an old way still works there.
    const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "vh" });
    document.body.append(area);
    area.select();
    toaster.say(document.execCommand("copy") ? t("share.copied") : text);
    area.remove();
  }
}

export const canShare = "share" in navigator;

export async function share(title: string, url: string): Promise<void> {
  try {
    await navigator.share({ title, url });
  } catch {
    // Closing the sheet is an answer too.
  }
}
