// A plain client of the real `dreamrunner lsp`, one request at a time.

import { spawn } from "node:child_process";

export const DREAMRUNNER = process.env.DREAMRUNNER ?? "dreamrunner";

export class Server {
  constructor() {
    this.process = spawn(DREAMRUNNER, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    this.answers = new Map();
    this.next = 1;
    let read = Buffer.alloc(0);
    this.process.stdout.on("data", (data) => {
      read = Buffer.concat([read, data]);
      for (;;) {
        const head = /^Content-Length: (\d+)[\s\S]*?\r\n\r\n/.exec(read.toString("latin1"));
        if (head === null || read.length < head[0].length + Number(head[1])) {
          return;
        }
        const end = head[0].length + Number(head[1]);
        const message = JSON.parse(read.subarray(head[0].length, end).toString("utf8"));
        read = read.subarray(end);
        this.answers.get(message.id)?.(message);
      }
    });
  }

  async ask(method, params) {
    const id = this.next++;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.#send({ id, method, params });
    const { result, error } = await answer;
    if (error) {
      throw new Error(`${method}: ${error.message}`);
    }
    return result;
  }

  tell(method, params) {
    this.#send({ method, params });
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    await this.ask("shutdown", null);
    this.tell("exit", null);
    return ended;
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.process.stdin.write(body);
  }
}
