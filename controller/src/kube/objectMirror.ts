import { sameJson } from '../compile/memo.ts'
import { isMembers, member } from '../compile/raw.ts'
import { worldObjectOf } from '../compile/worldOf.ts'
import { objectKey, type WorldKind, type WorldObject } from '../world.ts'
import type { KubeObject } from './client.ts'
import type { Mirror } from './reflector.ts'

/** A mirror that keeps world objects. */
export interface ObjectMirror extends Mirror {
  /** Whether the collection has been listed once, or refused. */
  isKnown(): boolean
  isRefused(): boolean
  /** Null until the collection is known; none when it is refused. A map is never changed once it has been given out. */
  objects(): ReadonlyMap<string, WorldObject> | null
}

/** With the kind, which lists leave out, and without `managedFields`, which nobody reads. */
function kept(object: KubeObject, apiVersion: string, kind: WorldKind): KubeObject {
  const metadata = member(object, 'metadata')
  if (!isMembers(metadata)) return { ...object, apiVersion, kind }
  const { managedFields: _, ...rest } = metadata
  return { ...object, apiVersion, kind, metadata: rest }
}

/** Everything that something could be compiled from. */
function contentOf({ raw }: WorldObject): { readonly [key: string]: unknown } {
  const { status: _, metadata, ...rest } = raw
  if (!isMembers(metadata)) return rest
  const { resourceVersion: __, ...described } = metadata
  return { ...rest, metadata: described }
}

const haveSameContent = (a: WorldObject, b: WorldObject): boolean => sameJson(contentOf(a), contentOf(b))

/** Takes over what only a status changed, so that nothing of a large object is held twice. */
function restate(known: WorldObject, { raw }: WorldObject): void {
  const { status: _, ...rest } = known.raw
  const status = raw['status']
  known.seen.raw = { ...rest, metadata: raw['metadata'] ?? null, ...(status === undefined ? {} : { status }) }
}

const haveSame = (a: ReadonlyMap<string, WorldObject>, b: ReadonlyMap<string, WorldObject>): boolean =>
  a.size === b.size && [...b].every(([key, object]) => a.get(key) === object)

/** Whom a mirror tells. */
export interface MirrorListener {
  /** Called after each change of content, and after the first list whatever it held. */
  changed(): void
  /** Called after a change that only a status saw. */
  restated(): void
}

export function createObjectMirror(kind: WorldKind, apiVersion: string, listener: MirrorListener): ObjectMirror {
  let objects: Map<string, WorldObject> | null = null
  let givenOut = false
  let refused = false
  const read = (object: KubeObject): WorldObject | null => worldObjectOf(kept(object, apiVersion, kind), 'FromMetadata')
  const change = (edit: (objects: Map<string, WorldObject>) => void): void => {
    objects = givenOut || objects === null ? new Map(objects) : objects
    givenOut = false
    edit(objects)
    listener.changed()
  }
  /** @returns the object that is to stand for what was read; the known one while its content is the same */
  const settled = (known: WorldObject | undefined, now: WorldObject): WorldObject => {
    // Not by their versions: a backup of etcd that was restored gives the same one to other content.
    if (known?.meta.uid !== now.meta.uid || !haveSameContent(known, now)) return now
    if (sameJson(known.seen.raw, now.raw)) return known
    restate(known, now)
    listener.restated()
    return known
  }
  return {
    isKnown: () => objects !== null,
    isRefused: () => refused,
    objects: () => {
      givenOut = true
      return objects
    },
    replace: (all) => {
      const before = objects
      const after = new Map<string, WorldObject>()
      for (const object of all.map(read)) {
        if (object === null) continue
        const key = objectKey(object.meta)
        // What was made of an object is remembered by its identity, so an unchanged one stays the same.
        after.set(key, settled(before?.get(key), object))
      }
      if (before !== null && haveSame(before, after) && !refused) return
      objects = after
      refused = false
      givenOut = false
      listener.changed()
    },
    put: (object) => {
      const now = read(object)
      if (now === null) return
      const key = objectKey(now.meta)
      const standing = settled(objects?.get(key), now)
      if (standing !== objects?.get(key)) change((all) => all.set(key, standing))
    },
    remove: (object) => {
      const gone = read(object)
      const known = gone && objects?.get(objectKey(gone.meta))
      // Another uid is an object that was made anew since.
      if (known && known.meta.uid === gone.meta.uid) change((all) => all.delete(objectKey(known.meta)))
    },
    refuse: () => {
      if (refused) return
      refused = true
      objects = new Map()
      givenOut = false
      listener.changed()
    },
  }
}
