/** One step a gesture: a wheel's notch, or a whole sweep over a trackpad with what it runs on. */
const QUIET_MS = 130;
const LONG_MS = 650;
const ENOUGH_PX = 24;

export function wheel(step: (by: 1 | -1) => void): (event: WheelEvent) => void {
  let last = 0;
  let stepped_at = 0;
  let sum = 0;
  let strength = 0;
  return (event) => {
    if (event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    const now = event.timeStamp;
    const size = Math.abs(event.deltaY) * (event.deltaMode === 1 ? 16 : 1);
    const fresh = now - last > QUIET_MS;
    last = now;
    if (fresh) {
      sum = 0;
      stepped_at = 0;
    }
    // What a sweep runs on grows weaker; a notch that comes as strong as the first is a new wish.
    if (stepped_at && (now - stepped_at < LONG_MS || size < strength)) return;
    sum += Math.sign(event.deltaY) * size;
    if (Math.abs(sum) < ENOUGH_PX) return;
    stepped_at = now;
    strength = size;
    const by = sum > 0 ? 1 : -1;
    sum = 0;
    step(by);
  };
}
