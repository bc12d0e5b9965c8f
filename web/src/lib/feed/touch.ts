/** What a finger or a mouse says on the picture: a tap, two quick ones, a hold. */
const TWICE_MS = 260;
const HOLD_MS = 380;
const STILL_PX = 10;

export type Said = { once: () => void; twice: (x: number, y: number) => void; hold: (on: boolean) => void };

export function touch(said: Said): (element: HTMLElement) => () => void {
  return (element) => {
    const end = new AbortController();
    let down: { x: number; y: number } | null = null;
    let held = false;
    let tap: ReturnType<typeof setTimeout> | undefined;
    let hold: ReturnType<typeof setTimeout> | undefined;
    const letGo = (): void => {
      clearTimeout(hold);
      if (held) said.hold(false);
      held = false;
      down = null;
    };
    const on = (type: keyof HTMLElementEventMap, act: (event: PointerEvent) => void): void => element.addEventListener(type, act as EventListener, { signal: end.signal });
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      down = { x: event.clientX, y: event.clientY };
      hold = setTimeout(() => {
        held = true;
        said.hold(true);
      }, HOLD_MS);
    });
    on("pointermove", (event) => {
      if (down && !held && Math.hypot(event.clientX - down.x, event.clientY - down.y) > STILL_PX) letGo();
    });
    on("pointercancel", letGo);
    on("pointerleave", letGo);
    on("pointerup", (event) => {
      const tapped = down && !held;
      letGo();
      if (!tapped) return;
      if (tap) {
        clearTimeout(tap);
        tap = undefined;
        return said.twice(event.offsetX, event.offsetY);
      }
      tap = setTimeout(() => {
        tap = undefined;
        said.once();
      }, TWICE_MS);
    });
    on("contextmenu", (event) => event.preventDefault());
    return () => {
      end.abort();
      clearTimeout(tap);
      letGo();
    };
  };
}
