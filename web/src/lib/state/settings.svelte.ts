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

export type Theme = "system" | "dark" | "light";

class Settings {
  theme = $state<Theme>((read("nonet.theme") as Theme | null) ?? "system");
  captions = $state(read("nonet.captions") !== "off");
  /** Sound was switched on by hand in this visit: only then may a video start with it. */
  sound = $state(false);

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
