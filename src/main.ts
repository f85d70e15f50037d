#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { httpPspSchema, runToneDetector } from './cde/door.ts';
import type { Gateway } from './composition/gateway.ts';
import { addSipServerCommand } from './composition/sip-server-command.ts';
import { StartFault } from './composition/start-fault.ts';
import type { ConfigFault } from './config/config-fault.ts';
import type { Config } from './config/config-schema.ts';
import { defaultConfig, loadConfigFile } from './config/load-config.ts';
import { takeSecrets } from './config/secrets.ts';
import { verifyEvidence } from './ledger/evidence-verifier.ts';
import { CodedError } from './shared/coded-error.ts';
import { askForPriority, priorities } from './shared/priority.ts';

/** Exit statuses that scripts rely on. */
const exits = { fine: 0, broken: 1, badConfiguration: 2 } as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

function readConfig(path: string | undefined): Config {
  if (path === undefined) return defaultConfig();
  const result = loadConfigFile(path);
  if ('config' in result) return result.config;
  result.faults.forEach(complainOfFault);
  return process.exit(exits.badConfiguration);
}

const complainOfFault = (fault: ConfigFault): void => complain(`${fault.key}: ${fault.message}`);

async function run(options: { config?: string; check?: boolean }): Promise<void> {
  const config = readConfig(options.config);
  const secrets = takeSecrets(process.env);
  if (options.check === true) {
    say('the configuration is sound');
    return;
  }
  silenceLibraries();
  askForPriority(priorities.gateway);
  try {
    const { startGateway } = await import('./composition/gateway.ts');
    const gateway = await startGateway(config, secrets);
    gateway.addresses.forEach(say);
    stopOnSignals(gateway);
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    complainOfFault(error);
    process.exit(exits.badConfiguration);
  }
}

/** First signal: drain, then leave. Second: leave at once. Given up for dead: drain, then leave to be started again. */
function stopOnSignals(gateway: Gateway): void {
  let draining = false;
  const leave = (status: number): void => {
    draining = true;
    gateway
      .drain()
      .then(() => gateway.stop())
      .then(
        () => process.exit(status),
        () => process.exit(exits.broken),
      );
  };
  const onSignal = (): void => {
    if (draining) process.exit(exits.fine);
    leave(exits.fine);
  };
  gateway.onGivenUp(() => {
    if (!draining) leave(exits.broken);
  });
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/**
 * Libraries print to the console when a message cannot be parsed, and print the message with it; a SIP INFO body holds a
 * digit. What they have to say reaches us by their errors.
 */
function silenceLibraries(): void {
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const) {
    globalThis.console[method] = () => undefined;
  }
  // drachtio-srf and its parts print whole messages when this is set.
  if (/drachtio/.test(process.env['DEBUG'] ?? '')) {
    complain('DEBUG: drachtio debugging prints SIP INFO bodies, which hold keyed digits; unset it');
    process.exit(exits.badConfiguration);
  }
}

async function verify(path: string | undefined, options: { database?: boolean }): Promise<void> {
  if (options.database === true) return verifyChains();
  if (path === undefined) {
    complain('name a file or a directory, or say --database');
    process.exit(exits.badConfiguration);
  }
  if (!existsSync(path)) {
    complain(`${path}: no such file or directory`);
    process.exit(exits.broken);
  }
  const verdict = await verifyEvidence(path);
  if (verdict.ok) return say(`the chain is whole: ${verdict.entries} entries`);
  complain(`the chain is broken at ${verdict.file} line ${verdict.line}: ${verdict.reason}`);
  process.exit(exits.broken);
}

/** Every gateway's chain in the database of TONELOCK_DATABASE_URL. */
async function verifyChains(): Promise<void> {
  const { databaseUrl } = takeSecrets(process.env);
  if (databaseUrl === undefined) {
    complain('TONELOCK_DATABASE_URL: is needed with --database');
    process.exit(exits.badConfiguration);
  }
  const { verifyDatabase } = await import('./ledger/postgres/postgres-verifier.ts');
  const verdicts = await verifyDatabase(databaseUrl).catch((error: unknown) => {
    complain(error instanceof CodedError ? error.message : 'the database cannot be read');
    process.exit(exits.broken);
  });
  for (const verdict of verdicts) {
    if (verdict.ok) say(`the chain ${verdict.chain} is whole: ${verdict.entries} entries`);
    else complain(`the chain ${verdict.chain} is broken at entry ${verdict.entry}: ${verdict.reason}`);
  }
  if (!verdicts.every(({ ok }) => ok)) process.exit(exits.broken);
}

const program = new Command('tonelock')
  .description('DTMF-capture media gateway: takes card numbers from live calls, keeps them from the agent')
  .option('--config <file>', 'configuration file (YAML); without one the embedded defaults on loopback')
  .option('--check', 'only check the configuration: every fault with its key, exit status 2')
  .action(run);

program
  .command('verify-evidence')
  .description('check the hash chain of the evidence log')
  .argument('[file-or-directory]')
  .option('--database', 'the chains in the database of TONELOCK_DATABASE_URL')
  .action(verify);

program
  .command('doctor')
  .description(
    'look at what a configuration needs of this machine and its neighbours: a line and a remedy each; exit 1 on a fault',
  )
  // --config is the program's own option: it may stand before or after the command.
  .action(async () => {
    const config = readConfig(program.opts<{ config?: string }>().config);
    const { examine, lineOf } = await import('./composition/doctor/doctor.ts');
    const findings = await examine(config, takeSecrets(process.env));
    findings.map(lineOf).forEach(say);
    if (findings.some(({ severity }) => severity === 'fault')) process.exit(exits.broken);
  });

program
  .command('detect-tones')
  .description(
    'find the keys in a recording: raw 16-bit 8 kHz samples on standard input, KEY START END DECIDED by line',
  )
  .action(async () => process.exit(await runToneDetector()));

program
  .command('psp-schema')
  .description('print the JSON Schema of what the http payment adapter says to your endpoint, and of its answers')
  .action(() => say(JSON.stringify(httpPspSchema(), undefined, 2)));

addSipServerCommand(program, say, (line) => {
  complain(line);
  return process.exit(exits.badConfiguration);
});

await program.parseAsync();
