import { z } from 'zod'
import { configMapKey, objectName } from './common.ts'

/** Where a list of callers stands. */
export const listReference = (key: string, description: string) =>
  z
    .strictObject({
      name: objectName('The name of a ConfigMap of the same namespace.'),
      key: configMapKey(key, 'The key that holds the list.'),
    })
    .describe(description)
