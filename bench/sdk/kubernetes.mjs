// Kubernetes' own client, with the cluster's address changed.
import * as k8s from "@kubernetes/client-node";
import { attempt, check, statusOf, url } from "./story.mjs";

const config = new k8s.KubeConfig();
config.loadFromOptions({ clusters: [{ name: "mock", server: url.origin, skipTLSVerify: true }], users: [{ name: "me", token: "any" }], contexts: [{ name: "mock", cluster: "mock", user: "me" }], currentContext: "mock" });
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const namespace = "team-a";

const made = await attempt(() => core.createNamespace({ body: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } } }));
await check("a namespace is created", async () => made.metadata.name === namespace || made);
await check("it is read by name", async () => (await core.readNamespace({ name: namespace })).metadata.name === namespace);
const cm = await attempt(() => core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "settings", labels: { app: "web" } }, data: { a: "1" } } }));
await check("a config map is created with what was sent", async () => (cm.metadata.name === "settings" && cm.data.a === "1" && cm.metadata.labels.app === "web") || cm);
await check("it is in its namespace", async () => cm.metadata.namespace === namespace || cm.metadata);
await check("it is read", async () => (await core.readNamespacedConfigMap({ name: "settings", namespace })).data.a === "1");
await check("it is listed in its namespace", async () => (await core.listNamespacedConfigMap({ namespace })).items.map((one) => one.metadata.name).join() === "settings");
await check("it is listed in all namespaces", async () => (await core.listConfigMapForAllNamespaces()).items.some((one) => one.metadata.name === "settings"));
await check("another namespace has none", async () => {
  await core.createNamespace({ body: { metadata: { name: "team-b" } } });
  return (await core.listNamespacedConfigMap({ namespace: "team-b" })).items.length === 0;
});
await check("it is replaced", async () => (await core.replaceNamespacedConfigMap({ name: "settings", namespace, body: { metadata: { name: "settings" }, data: { b: "2" } } })).data.b === "2" && (await core.readNamespacedConfigMap({ name: "settings", namespace })).data.a === undefined);
await check("it is patched by a JSON Patch", async () => {
  await core.patchNamespacedConfigMap({ name: "settings", namespace, body: [{ op: "add", path: "/data/c", value: "3" }] });
  const { data } = await core.readNamespacedConfigMap({ name: "settings", namespace });
  return (data.b === "2" && data.c === "3") || data;
});
await check("it is patched by a merge patch", async () => {
  await core.patchNamespacedConfigMap({ name: "settings", namespace, body: { data: { d: "4" } } }, k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.MergePatch));
  const { data } = await core.readNamespacedConfigMap({ name: "settings", namespace });
  return (data.b === "2" && data.d === "4") || data;
});
await check("a name that is taken is a conflict", async () => (await statusOf(() => core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "settings" } } }))) === 409);
await check("an unknown one is 404", async () => (await statusOf(() => core.readNamespacedConfigMap({ name: "nope", namespace }))) === 404);
await check("one in an unknown namespace is 404", async () => (await statusOf(() => core.createNamespacedConfigMap({ namespace: "nowhere", body: { metadata: { name: "x" } } }))) === 404);
const pod = await attempt(() => core.createNamespacedPod({ namespace, body: { metadata: { name: "web" }, spec: { containers: [{ name: "c", image: "nginx" }] } } }));
await check("a pod keeps its containers", async () => pod.spec.containers[0].image === "nginx" || pod);
await check("its status is read", async () => (await core.readNamespacedPodStatus({ name: "web", namespace })).metadata.name === "web");
await check("its status is changed", async () => {
  await core.patchNamespacedPodStatus({ name: "web", namespace, body: { status: { phase: "Running" } } }, k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.MergePatch));
  return (await core.readNamespacedPod({ name: "web", namespace })).status.phase === "Running";
});
await check("pods are found by label", async () => {
  await core.createNamespacedPod({ namespace, body: { metadata: { name: "db", labels: { app: "db" } }, spec: { containers: [{ name: "c", image: "pg" }] } } });
  return (await core.listNamespacedPod({ namespace, labelSelector: "app=db" })).items.map((one) => one.metadata.name).join() === "db";
});
await check("a deployment is created and scaled", async () => {
  const body = { metadata: { name: "web" }, spec: { replicas: 1, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } } };
  await apps.createNamespacedDeployment({ namespace, body });
  const patched = await apps.patchNamespacedDeployment({ name: "web", namespace, body: [{ op: "replace", path: "/spec/replicas", value: 3 }] });
  return patched.spec.replicas === 3 && (await apps.readNamespacedDeployment({ name: "web", namespace })).spec.replicas === 3;
});
await check("a deployment is listed", async () => (await apps.listNamespacedDeployment({ namespace })).items.length === 1);
await check("a node is created and read", async () => {
  await core.createNode({ body: { metadata: { name: "n1" } } });
  return (await core.readNode({ name: "n1" })).metadata.name === "n1";
});
await check("a list is of its kind", async () => Array.isArray((await core.listNode()).items));
await check("a pod is deleted", async () => {
  await core.deleteNamespacedPod({ name: "web", namespace });
  return (await statusOf(() => core.readNamespacedPod({ name: "web", namespace }))) === 404;
});
await check("all config maps of a namespace are deleted", async () => {
  await core.deleteCollectionNamespacedConfigMap({ namespace });
  return (await core.listNamespacedConfigMap({ namespace })).items.length === 0;
});
await check("a namespace is deleted with all in it", async () => {
  await core.deleteNamespace({ name: namespace });
  return (await statusOf(() => core.readNamespacedPod({ name: "db", namespace }))) === 404;
});
