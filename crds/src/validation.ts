import { z } from 'zod'
import { configMapKey, byteSize, headerName, objectName } from './common.ts'
import { freeForm } from './free-form.ts'
import { atomic, set } from './lists.ts'
import { mustPass } from './merge.ts'
import { canonicalPath } from './path-match.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const subset = 'in the supported part of JSON Schema 2020-12 (docs/guides/validation.md), at most 64 KiB'

const parameterSchema = (what: string) =>
  freeForm(
    `What ${what} must be: properties, required and dependentRequired ${subset}. Each property has the type string, integer, number, boolean, or array with such items.`,
  )

const headers = ruled(
  z
    .strictObject({
      required: set(
        headerName('The name of a header.'),
        { min: 1, max: 32 },
        'Headers that must be there. Absent = none.',
      ).optional(),
      schema: parameterSchema('headers')
        .describe(
          'What headers must be, by name in any case: properties and required. Credentials of the policy count as absent. Absent = not checked.',
        )
        .optional(),
    })
    .describe('What headers must be. Absent = not checked.'),
  {
    rule: 'has(self.required) || has(self.schema)',
    message: 'headers needs required or schema',
    holds: (self) => self.required !== undefined || self.schema !== undefined,
  },
)

const queryParams = z
  .strictObject({
    onUnknown: z
      .enum(['Reject', 'Ignore'])
      .default('Reject')
      .describe('Whether parameters that the schema does not describe are refused or passed on unseen.'),
    schema: parameterSchema('the parameters of the query'),
  })
  .describe('What the query must be. Absent = not checked.')

const pathParams = z
  .strictObject({ schema: parameterSchema('the parameters of the path') })
  .describe(
    'What the parameters of the path must be, by the names in the Template that the route matched by. Absent = not checked.',
  )

const configMapRef = z
  .strictObject({
    name: objectName('The name of a ConfigMap of the same namespace.'),
    key: configMapKey('schema.json', 'The key that holds the schema, a JSON text.'),
  })
  .describe('A ConfigMap that holds the schema.')

const body = ruled(
  z
    .strictObject({
      schema: freeForm(`What a JSON body must be, ${subset}.`).optional(),
      configMapRef: configMapRef.optional(),
      maxDepth: z
        .int()
        .min(1)
        .max(64)
        .default(20)
        .describe('How many arrays and objects of a body may stand inside each other.'),
    })
    .describe(
      'What the body must be: exactly one of schema and configMapRef. Requests need a body then, but for GET, HEAD, DELETE and OPTIONS. Absent = not checked.',
    ),
  {
    rule: 'has(self.schema) != has(self.configMapRef)',
    message: 'exactly one of schema and configMapRef is required',
    holds: (self) => present(self.schema, self.configMapRef) === 1,
  },
)

const redirectParams = z
  .strictObject({
    names: set(
      z.string().min(1).max(128).describe('The name of a parameter of the query.'),
      { min: 1, max: 16 },
      'The parameters that say where a browser is sent afterwards.',
    ),
    allow: atomic(
      z
        .strictObject({
          origin: z
            .string()
            .min(1)
            .max(262)
            .regex(/^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$/)
            .describe(
              'Scheme, host and, unless it is the default, port, in lower case, as the parameter must write it.',
            ),
          pathPrefix: canonicalPath('The path, in canonical form, or the whole elements that it begins with; / = any.'),
        })
        .describe('Where else than to paths of the gateway itself they may lead.'),
      { min: 0, max: 16 },
      'Where else they may lead. Absent = only to paths on the same origin.',
    ).optional(),
  })
  .describe('Parameters of the query that must not lead browsers elsewhere. Absent = none.')

const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json')

export const validation = mustPass(
  ruled(
    z
      .strictObject({
        maxBodySize: byteSize(
          'The largest body. The smallest of all levels holds, and bounds.maxBodySize of the Gatehouse in any case. Absent = that.',
        ).optional(),
        contentTypes: set(
          z
            .string()
            .min(3)
            .max(128)
            .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/)
            .describe('A media type without parameters, in lower case.'),
          { min: 1, max: 16 },
          'The types of body that are taken; others are answered 415. Absent = application/json where body is set, otherwise any.',
        ).optional(),
        headers: headers.optional(),
        queryParams: queryParams.optional(),
        pathParams: pathParams.optional(),
        body: body.optional(),
        redirectParams: redirectParams.optional(),
      })
      .describe(
        'What the form of a request must be. It only ever refuses, after authorization; that of every level holds. Absent = any form.',
      ),
    {
      rule: 'has(self.maxBodySize) || has(self.contentTypes) || has(self.headers) || has(self.queryParams) || has(self.pathParams) || has(self.body) || has(self.redirectParams)',
      message:
        'validation needs at least one of maxBodySize, contentTypes, headers, queryParams, pathParams, body and redirectParams',
      holds: (self) =>
        present(
          self.maxBodySize,
          self.contentTypes,
          self.headers,
          self.queryParams,
          self.pathParams,
          self.body,
          self.redirectParams,
        ) > 0,
    },
    {
      rule: "!has(self.body) || !has(self.contentTypes) || self.contentTypes.all(t, t == 'application/json' || t.endsWith('+json'))",
      message: 'contentTypes beside body must be application/json or end in +json',
      holds: (self) => self.body === undefined || (self.contentTypes?.every(isJson) ?? true),
    },
  ),
)
