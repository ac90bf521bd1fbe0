import { plainText } from '../plainText.ts'
import { columns } from '../columns.ts'
import { placeText } from '../folder/documents.ts'
import type { Judgement, JudgedCondition, JudgedObject } from './judgement.ts'

const shown = ['Accepted', 'ResolvedRefs', 'Protected'] as const

function cell(conditions: readonly JudgedCondition[], type: (typeof shown)[number]): string {
  const condition = conditions.find((one) => one.type === type)
  if (!condition) return '-'
  return condition.status === 'True' ? 'True' : `${condition.status}/${condition.reason}`
}

const nameOf = ({ namespace, name }: JudgedObject): string => (namespace === undefined ? name : `${namespace}/${name}`)

const subjectText = (object: JudgedObject): string =>
  object.kind === '?' ? 'a document without kind or name' : `${object.kind} ${nameOf(object)}`

const isGood = ({ type, status }: JudgedCondition): boolean =>
  (shown as readonly string[]).includes(type) ? status === 'True' : status === 'False'

/** What is not good, one line each; a condition that only follows from Accepted is left out. */
function detail(object: JudgedObject): readonly string[] {
  return object.conditions
    .filter((condition) => !isGood(condition) && condition.reason !== 'NotAccepted')
    .map(({ line, type, status, reason, message }) => {
      return `${object.file}:${line}: ${subjectText(object)}: ${type}=${status} ${reason}: ${message}`
    })
}

/** The judgement as text for people. */
export function tableOf({ objects, unreadable, advice }: Judgement): string {
  const rows = objects.map((object) => [
    `${object.file}:${object.line}`,
    object.kind,
    nameOf(object),
    ...shown.map((type) => cell(object.conditions, type)),
  ])
  const head = ['PLACE', 'KIND', 'NAME', ...shown.map((type) => type.toUpperCase())]
  const lines = [
    ...(rows.length === 0 ? [] : columns([head, ...rows])),
    ...objects.flatMap(detail),
    ...unreadable.map(({ message, ...place }) => `${placeText(place)}: ${message}`),
  ]
  return [...lines.map((line) => `${plainText(line)}\n`), ...advice.map((text) => `\n${text}`)].join('')
}
