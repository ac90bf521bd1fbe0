import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'

type Environment = { readonly [name: string]: string | undefined }

/** Where the user's own data lies, by the XDG Base Directory Specification: never inside a repository. */
export function dataDirectory(environment: Environment = process.env): string {
  const given = environment['XDG_DATA_HOME']
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.local', 'share')
  return join(base, 'gatehouse')
}

/** The user's kubeconfig: the first file that KUBECONFIG names, or else the usual one. */
export function kubeconfigPath(environment: Environment = process.env): string {
  const [first] = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  return first ?? join(homedir(), '.kube', 'config')
}

/** What a child process inherits: the environment without Gatehouse's own settings, which dev writes itself. */
export function inheritedEnvironment(environment: Environment = process.env): { [name: string]: string } {
  const entries = Object.entries(environment).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && !entry[0].startsWith('GATEHOUSE_')
  })
  return Object.fromEntries(entries)
}
