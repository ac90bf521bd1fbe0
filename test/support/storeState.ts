import { waitUntil } from './waitUntil.ts'

/** Waits until a data plane says so of its store. @param admin - `http://…` of its admin server */
export async function storeIs(state: 'up' | 'down', admin: string): Promise<void> {
  const says = async (): Promise<boolean> =>
    (await (await fetch(`${admin}/metrics`)).text()).includes(`gatehouse_quota_store{state="${state}"} 1`)
  await waitUntil(says, `the store is ${state} for each data plane`, { within: 30_000, every: 50 })
}
