import type { OperationEvent, Progress } from "../../core/event.ts";
import { writeErr } from "../../platform/stdio.ts";
import { type Output, paint } from "./output.ts";

/** What lasts less than this is not worth a word, in milliseconds. */
const QUIET_MS = 1000;
/** On a terminal the line is rewritten this often; elsewhere a line is written at most this often. */
const EVERY_MS = { terminal: 100, plain: 10_000 } as const;

const PHASES: Readonly<Record<string, string>> = {
  resolve: "resolving",
  download: "downloading",
  build: "building",
  explain: "trying",
  compile: "compiling",
  install: "installing",
  link: "linking",
  store: "storing",
  wait: "waiting",
};

/** Shows on standard error what operations tell: the one listener of the command line. */
export interface Reporter {
  tell(event: OperationEvent): void;
  /** Takes the line of progress away. */
  stop(): void;
}

/** Shows what goes on, once it has gone on for a second. */
interface ProgressDisplay {
  show(progress: Progress): void;
  stop(): void;
}

/** Progress is one line that is rewritten on a terminal, sparse lines elsewhere; with `--quiet` only lines of commands are shown. */
export function reportTo(output: Output, terminal: boolean): Reporter {
  const { quiet } = output.settings;
  const display = quiet ? undefined : terminal ? terminalDisplay(output) : plainDisplay(output);
  return {
    tell(event) {
      if (event.kind === "progress") display?.show(event);
      else if (event.kind === "note") output.say(event.text);
      else if (event.kind === "warning" && !quiet) output.warn(event.text, event.hint);
      else if (event.kind === "line")
        output.passOn([paint("dim", `${event.task} |`)], event.line, event.stream === "stdout" ? "out" : "err");
    },
    stop: () => display?.stop(),
  };
}

/** `resolving requests (3/12)` */
export function describe(progress: Progress): string {
  const phase = PHASES[progress.phase] ?? progress.phase;
  const count =
    progress.total !== undefined
      ? `(${progress.done ?? 0}/${progress.total})`
      : progress.done
        ? `(${progress.done})`
        : "";
  return [phase, progress.detail, count].filter(Boolean).join(" ");
}

function terminalDisplay(output: Output): ProgressDisplay {
  const started = Date.now();
  let last: Progress | undefined;
  let shown = false;
  const clear = () => {
    if (shown) writeErr("\r\x1b[K");
    shown = false;
  };
  const draw = () => {
    if (!last || Date.now() - started < QUIET_MS) return;
    const line = `${Math.floor((Date.now() - started) / 1000)} s  ${describe(last)}`;
    // Without automatic wrapping (DECAWM) the terminal cuts what is too long: one line stays one line.
    writeErr(`\r\x1b[K\x1b[?7l${output.render([paint("dim", line)], "err")}\x1b[?7h`);
    shown = true;
  };
  const timer = setInterval(draw, EVERY_MS.terminal);
  timer.unref();
  output.transient = { clear };
  return {
    show(progress) {
      last = progress;
    },
    stop() {
      clearInterval(timer);
      clear();
      output.transient = undefined;
    },
  };
}

function plainDisplay(output: Output): ProgressDisplay {
  const started = Date.now();
  let next = started + QUIET_MS;
  let last: Progress | undefined;
  let said = "";
  const tell = () => {
    if (!last || Date.now() < next) return;
    const line = describe(last);
    if (line !== said) output.say(`${line} …`);
    said = line;
    next = Date.now() + EVERY_MS.plain;
  };
  const timer = setInterval(tell, QUIET_MS / 2);
  timer.unref();
  return {
    show(progress) {
      last = progress;
    },
    stop: () => clearInterval(timer),
  };
}
