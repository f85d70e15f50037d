/** One fault of a configuration. `key` is the dotted path of the key in the file. */
export interface ConfigFault {
  readonly key: string;
  readonly message: string;
}
