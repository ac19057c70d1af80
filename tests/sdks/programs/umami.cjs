// node umami.cjs HOST WEBSITE [COUNT]: one event of each kind, or COUNT events called "again", whatever the answer.
const { Umami } = require("@umami/node");
const [hostUrl, websiteId, count] = process.argv.slice(2);

(async () => {
  const client = new Umami({ hostUrl, websiteId });
  for (let number = 0; number < Number(count || 0); number += 1) await client.track("again");
  if (count) return;
  for (const answer of [
    await client.track({ url: "/start", title: "Start", hostname: "shop.example" }),
    await client.track("signup", { plan: "pro" }),
    await client.identify({ id: "u1", plan: "pro" }),
  ]) {
    if (answer.status !== 200) throw new Error(await answer.text());
  }
})();
