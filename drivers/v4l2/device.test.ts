import { symlink } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { openTree } from "../tree.ts";
import { busLimit, deviceFile, isFed } from "./device.ts";

t.test("finds a camera by its name, and passes over the node of its metadata", async (t) => {
  const { root, write, close } = await openTree();
  t.teardown(close);
  const nodes = join("class", "video4linux");
  await write({
    [join(nodes, "video10", "name")]: "No Such Camera: first\n",
    [join(nodes, "video10", "index")]: "1\n",
    [join(nodes, "video11", "name")]: "Another\n",
    [join(nodes, "video11", "index")]: "0\n",
  });
  await t.rejects(deviceFile("card:No Such", root), { code: "camera.missing", message: /Another/ });
  await write({ [join(nodes, "video987", "name")]: "No Such Camera: first", [join(nodes, "video987", "index")]: "0" });
  // Found, and looked for among the devices, where it is not.
  await t.rejects(deviceFile("card:No Such", root), {
    code: "camera.missing",
    cause: /\/dev\/video987/,
  });
});

t.test("tells a device file that is not there", async (t) => {
  await t.rejects(deviceFile("/dev/v4l/by-id/usb-none-video-index0"), { code: "camera.missing" });
  t.equal(await deviceFile("/dev/null"), "/dev/null");
});

t.test("bounds what a camera may give by the speed of its USB, and nothing else", async (t) => {
  const { root, write, close } = await openTree();
  t.teardown(close);
  const node = join(root, "class", "video4linux");
  await write({
    "devices/usb1/1-1/speed": "480\n",
    "devices/usb1/1-1/1-1:1.0/bInterfaceNumber": "00\n",
    "class/video4linux/video0/name": "Webcam",
    "class/video4linux/video1/name": "Sensor",
  });
  await symlink(join(root, "devices/usb1/1-1/1-1:1.0"), join(node, "video0", "device"));
  t.equal(await busLimit("/dev/video0", root), 24_000_000);
  await write({ "devices/usb1/1-1/speed": "5000\n" });
  t.equal(await busLimit("/dev/video0", root), 390_000_000);
  t.equal(await busLimit("/dev/video1", root), Number.POSITIVE_INFINITY);
});

t.test("knows a device that is fed by another program", async (t) => {
  const { root, write, close } = await openTree();
  t.teardown(close);
  await write({
    "devices/virtual/video4linux/video9/name": "Candor shown",
    "devices/platform/vivid.0/video4linux/video0/name": "vivid-000-vid-cap",
    "class/video4linux/.keep": "",
  });
  const node = join(root, "class", "video4linux");
  await symlink(join(root, "devices/virtual/video4linux/video9"), join(node, "video9"));
  await symlink(join(root, "devices/platform/vivid.0/video4linux/video0"), join(node, "video0"));
  t.equal(await isFed("/dev/video9", root), true);
  t.equal(await isFed("/dev/video0", root), false);
  t.equal(await isFed("/dev/video7", root), false);
});
