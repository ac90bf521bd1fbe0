import { z } from 'zod'
import { canonicalPath } from './path-match.ts'
import { ruled } from './rule.ts'

/** What becomes of a path (Gateway API, HTTPPathModifier). */
export const pathModifier = (description: string) =>
  ruled(
    z
      .strictObject({
        type: z
          .enum(['ReplaceFullPath', 'ReplacePrefixMatch'])
          .describe(
            'ReplaceFullPath: another path in its place. ReplacePrefixMatch: the path elements that matched are replaced and what is behind them stays; the rule must have exactly one match, by PathPrefix.',
          ),
        replaceFullPath: canonicalPath('The path, in canonical form. With type ReplaceFullPath.').optional(),
        replacePrefixMatch: canonicalPath(
          'What the path begins with in place of what matched, in canonical form; a trailing slash does not count, and it may be empty. With type ReplacePrefixMatch.',
          0,
        ).optional(),
      })
      .describe(description),
    {
      rule: "(self.type == 'ReplaceFullPath') == has(self.replaceFullPath)",
      message: 'replaceFullPath is required with type ReplaceFullPath, and only then',
      holds: (self) => (self.type === 'ReplaceFullPath') === (self.replaceFullPath !== undefined),
    },
    {
      rule: "(self.type == 'ReplacePrefixMatch') == has(self.replacePrefixMatch)",
      message: 'replacePrefixMatch is required with type ReplacePrefixMatch, and only then',
      holds: (self) => (self.type === 'ReplacePrefixMatch') === (self.replacePrefixMatch !== undefined),
    },
  )
