/** @param object - `namespace/name`; empty = none, which is in no namespace */
export const namespaceOf = (object: string): string => object.slice(0, Math.max(0, object.indexOf('/')))
