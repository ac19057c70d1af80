// node segment.cjs HOST KEY [COUNT]
const { Analytics } = require("@segment/analytics-node");
const [host, key, count] = process.argv.slice(2);

(async () => {
  const client = new Analytics({ writeKey: key, host, path: "/v1/batch", flushAt: count ? 20 : 10, flushInterval: 200, maxRetries: 5 });
  client.on("error", (error) => { console.error(error); process.exitCode = 1; });
  if (count) {
    for (let number = 0; number < Number(count); number += 1) client.track({ userId: `u${number}`, event: "again" });
  } else {
    client.identify({ userId: "u1", anonymousId: "anon-1", traits: { plan: "pro" } });
    client.track({ userId: "u1", event: "Order Paid", properties: { amount: 9.5 } });
    client.page({ userId: "u1", name: "Start", properties: { url: "https://shop.example/start" } });
    client.screen({ userId: "u1", name: "Home" });
    client.group({ userId: "u1", groupId: "acme", traits: { seats: 5 } });
    client.alias({ previousId: "anon-2", userId: "u1" });
  }
  await client.closeAndFlush({ timeout: 30000 });
})();
