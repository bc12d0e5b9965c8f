/** What a person chose for this browser: appearance, captions, sound. Kept here, never sent. */

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Without storage the choice holds for this page alone.
  }
}

type Theme = "system" | "dark" | "light";

class Settings {
  theme = $state<Theme>((read("nonet.theme") as Theme | null) ?? "system");
  captions = $state(read("nonet.captions") !== "off");
  /** Sound is wanted. It is not heard before the browser lets it be. */
  sound = $state(read("nonet.sound") !== "off");
  /** A gesture was made on this page: from then on browsers let a video sound. */
  heard = $state(navigator.userActivation?.hasBeenActive ?? false);

  get aloud(): boolean {
    return this.sound && this.heard;
  }

  setSound(on: boolean): void {
    this.sound = on;
    if (on) this.heard = true;
    write("nonet.sound", on ? null : "off");
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    write("nonet.theme", theme === "system" ? null : theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  setCaptions(on: boolean): void {
    this.captions = on;
    write("nonet.captions", on ? null : "off");
  }
}

export const settings = new Settings();
