import type { KubeClient, KubeObject } from '@gatehouse/controller/kube'

const pageSize = '500'

/** All objects of a collection, page by page. @param query - which of them */
export async function listed(
  client: Pick<KubeClient, 'list'>,
  path: string,
  signal: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Promise<KubeObject[]> {
  const objects: KubeObject[] = []
  let next = ''
  do {
    const page = await client.list(
      path,
      { ...query, limit: pageSize, ...(next === '' ? {} : { continue: next }) },
      signal,
    )
    objects.push(...page.items)
    next = page.next
  } while (next !== '')
  return objects
}
