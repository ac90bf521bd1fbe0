/** The version of the data plane: what its hello says. The same as in `package.json`. */
export const version = '0.1.0'
