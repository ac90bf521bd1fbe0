/** How many of these are there; what an exactly-one rule asks. */
export const present = (...members: readonly unknown[]): number =>
  members.filter((member) => member !== undefined).length
