import { describe, expect, it } from 'vitest'
import { contentOf, emptyFolder, type FolderContent } from '../folder/content.ts'
import { compileOptionsOf, installationIn } from './installation.ts'
import type { DevOptions } from './options.ts'
import { Report } from './report.ts'

const documents = ['a', 'b'].map(
  (name) => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{port: 80}]}
`,
)

const routeTo = (service: string): string => `apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: r}
spec:
  hostnames: [r.example]
  rules: [{name: all, backendRefs: [{name: ${service}, port: 80}]}]
`

function content(...texts: readonly string[]): FolderContent {
  const files = texts.map((text, index): [string, string] => [`${index}.yaml`, text])
  return contentOf({ texts: new Map(files), unreadable: new Map(), passedOver: [] }, emptyFolder)
}

const options: DevOptions = {
  folders: [],
  upstreams: new Map(),
  http: null,
  https: null,
  admin: { address: '127.0.0.1', port: 0 },
}

describe('Report', () => {
  const [a = '', b = ''] = documents

  it('tells each thing once, and when it is mended', () => {
    const installation = installationIn(emptyFolder.objects)
    const told: string[] = []
    const report = new Report(installation, compileOptionsOf(options, installation), (text) => told.push(text))
    const news = (...texts: readonly string[]): string => {
      report.tell(content(...texts))
      return told.splice(0).join('')
    }
    expect(news(a, b)).toBe('')
    expect(news('[', '[')).toContain('stays in force')
    expect(news('[', '[')).toBe('')
    expect(news(a, '[')).toBe('Mended; 1 of the notes above still holds.\n')
    expect(news(a, b)).toBe('Mended; nothing in the folder is wrong any more.\n')
    expect(news(a, b)).toBe('')
  })

  it('repeats no advice after a fault that is mended', () => {
    const installation = installationIn(emptyFolder.objects)
    const told: string[] = []
    const report = new Report(installation, compileOptionsOf(options, installation), (text) => told.push(text))
    const news = (...texts: readonly string[]): string => {
      report.tell(content(...texts))
      return told.splice(0).join('')
    }
    expect(news(a, routeTo('a'))).toContain('This policy protects it')
    const broken = news(a, routeTo('a'), '[')
    expect(broken).toContain('2.yaml:1: ')
    expect(broken).not.toContain('This policy protects it')
    expect(news(a, routeTo('a'))).toMatch(/^Mended; \d of the notes above still hold\.\n$/)
    expect(news(a, routeTo('a'))).toBe('')
    expect(news(a, routeTo('a'), '[')).toContain('2.yaml:1: ')
  })

  it('says how to give a Service without endpoints an upstream', () => {
    const installation = installationIn(emptyFolder.objects)
    const told: string[] = []
    const report = new Report(installation, compileOptionsOf(options, installation), (text) => told.push(text))
    report.tell(content(a, routeTo('a')))
    expect(told.join('')).toContain('Service default/a: port 80 has no endpoint here')
    expect(told.join('')).toContain('--upstream default/a=127.0.0.1:3000')
  })

  it('names an upstream that no route asks for', () => {
    const installation = installationIn(emptyFolder.objects)
    const told: string[] = []
    const at = { address: '127.0.0.1', port: 3000 }
    const names = ['default/a', 'default/a:80', 'default/aa', 'default/a:81']
    const given = compileOptionsOf({ ...options, upstreams: new Map(names.map((name) => [name, at])) }, installation)
    new Report(installation, given, (text) => told.push(text)).tell(content(a, routeTo('a')))
    expect(told.filter((text) => text.startsWith('--upstream'))).toEqual([
      '--upstream default/aa: no route asks for this Service; there is default/a:80\n',
      '--upstream default/a:81: no route asks for this Service; there is default/a:80\n',
    ])
  })
})
