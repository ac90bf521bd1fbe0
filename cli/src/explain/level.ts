/** Words for the contract's `level`: how wide a policy's target is. */
export const levelNames = ['Gatehouse', 'InstallationNamespace', 'Namespace', 'GatewayRoute', 'Rule'] as const

export type LevelName = (typeof levelNames)[number]

export const levelName = (level: number | null): LevelName | null =>
  level === null ? null : (levelNames[level] ?? null)
