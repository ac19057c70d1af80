// node posthog.cjs HOST KEY [COUNT]: one event of each kind, or COUNT events called "again".
const { PostHog } = require("posthog-node");
const [host, key, count] = process.argv.slice(2);

(async () => {
  const client = new PostHog(key, { host, flushAt: count ? 50 : 20, flushInterval: 100, fetchRetryCount: 5, fetchRetryDelay: 300 });
  client.on("error", (error) => { console.error(error); process.exitCode = 1; });
  if (count) {
    for (let number = 0; number < Number(count); number += 1) client.capture({ distinctId: `u${number}`, event: "again" });
  } else {
    client.capture({ distinctId: "u1", event: "order paid", properties: { amount: 9.5, 名: "值" }, groups: { company: "acme" } });
    client.identify({ distinctId: "u1", properties: { plan: "pro" } });
    client.groupIdentify({ groupType: "company", groupKey: "acme", properties: { seats: 5 } });
    client.alias({ distinctId: "u1", alias: "anon-1" });
    client.captureException(new Error("boom"), "u1");
    const flags = await client.getAllFlags("u1");
    if (Object.keys(flags).length) throw new Error("flags");
  }
  await client.shutdown(30000);
})();
