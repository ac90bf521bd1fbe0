import { text } from './common.ts'
import { atomic } from './lists.ts'

/** Names of the members of a claim, outermost first. */
export const claimPath = (description: string) =>
  atomic(
    text(128, 'The name of one member.'),
    { min: 1, max: 8 },
    `${description} A list of member names, outermost first.`,
  )
