export * from './access.ts'
export * from './client.ts'
export * from './kubeError.ts'
