import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Sends spans, and tells in one line each when they are no longer taken, and when they are again. */
export class ToldExporter implements SpanExporter {
  private taken = true;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly report: (line: string) => void,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      this.tell(result);
      // Told already; what is behind would tell it again with each batch.
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  async shutdown(): Promise<void> {
    await this.exporter.shutdown();
  }

  private tell({ code, error }: ExportResult): void {
    const taken = code === ExportResultCode.SUCCESS;
    if (taken === this.taken) return;
    this.taken = taken;
    const why = error === undefined ? '' : `: ${error.message}`;
    this.report(
      taken ? 'traces are taken again' : `traces are not taken, and are lost until they are; nothing else is${why}`,
    );
  }
}
