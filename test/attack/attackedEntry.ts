/** A mutant of the data plane may stand in for it; see proof-mutants.ts. */
const entry = process.env['GATEHOUSE_ATTACKED_ENTRY']

/** What is attacked, as an option of a served data plane. */
export const attackedEntry: { readonly entry?: string } = entry === undefined ? {} : { entry }
