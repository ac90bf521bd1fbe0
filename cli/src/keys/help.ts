/** What `gatehouse keys --help` says. */
export const help = `gatehouse keys - make, replace, withdraw and list API keys

Usage: gatehouse keys create CLIENT WHERE [--role TEXT] [--scope TEXT] [--tenant TEXT] [--plan TEXT]
                                          [--expires-in TIME] [--label KEY=VALUE]
       gatehouse keys rotate CLIENT WHERE [--overlap TIME] [--expires-in TIME]
       gatehouse keys revoke CLIENT WHERE [--old]
       gatehouse keys list WHERE

WHERE is a Secret of a cluster or of a file:

  -n, --namespace TEXT  where the Secret is; needed without -f
  -s, --secret NAME     the Secret; list takes all of the namespace without it
  -f, --file FILE       a file of YAML with that Secret alone, for a repository; create makes it
  --kubeconfig FILE     default the first file in KUBECONFIG, or ~/.kube/config

  --role, --scope TEXT  what the client has; may be given more than once
  --tenant, --plan TEXT to whom it belongs, and by what plan
  --expires-in TIME     such as 90d, 12h, 30m; default never
  --label KEY=VALUE     of a Secret that is made; default gatehouse.dev/api-keys=NAME
  --overlap TIME        how long the old key stays valid; 0s ends it at once; default 24h
  --old                 withdraws the older of two keys, and not the client
  -o, --output FORMAT   text (default) or json
  -h, --help            this text

A new key is written to standard output, alone and once; the Secret holds its SHA-256 only. It begins with "ghk_" and
ends with a checksum, so that scanners find it where it should not be. The Secret is of type gatehouse.dev/api-keys;
who may read and write Secrets of the namespace may use this command. Exit status: 0; 1 when the client is there
already, is not there or has two keys; 2 when a Secret cannot be read or written; 64 when the command line is wrong.
`
