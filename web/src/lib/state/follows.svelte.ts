/** Grows with every follow begun or ended here, so that lists of people know. */
class Follows {
  turn = $state(0);
}

export const follows = new Follows();
