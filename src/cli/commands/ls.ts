import { formatDuration } from "../../core/units.ts";
import { endOf, NEVER } from "../end-of-life.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry ls` */
export default async function ls(invocation: Invocation): Promise<number> {
  const { output, library } = invocation;
  const cached = invocation.flag("cached");
  const engine = invocation.text("engine");
  const skerry = await library.open();
  const list = skerry.list({ cached }).filter((record) => engine === undefined || record.engine === engine);
  output.result({ environments: list }, () => {
    if (list.length === 0) output.say(cached ? "no cached environments" : "no environments; skerry create makes one");
    const now = Date.now();
    const showsEnd = list.some((record) => endOf(record) !== NEVER);
    output.table(
      [
        cached ? "ID" : "NAME",
        "ENGINE",
        "PYTHON",
        "STATUS",
        "AGE",
        ...(showsEnd ? ["GOES"] : []),
        cached ? "PACKAGES" : "ID",
      ],
      list.map((record) => [
        cached ? record.id : record.name,
        record.engine,
        record.spec.python ?? "default",
        record.status,
        formatDuration(Math.max(0, now - record.createdAt)),
        ...(showsEnd ? [endOf(record)] : []),
        cached ? record.spec.packages.requirements.join(" ") : record.id,
      ]),
    );
  });
  return 0;
}
