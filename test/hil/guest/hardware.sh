#!/bin/bash
# Brings up the kernel's own stand-ins for hardware, under the names that test/hil/contract.ts gives. Run once at boot.
set -euo pipefail

modprobe -a gpio-sim uleds softdog
# One card is heard, the other one speaks.
modprobe snd-aloop enable=1,1 index=0,1 id=Microphone,Speaker pcm_substreams=1,1
# Thousands of controls take the emulated machine seconds: a plan that has its own camera does without.
grep -q bench.camera=shown /proc/cmdline || modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
modprobe v4l2loopback devices=1 video_nr=9 card_label="Candor shown" exclusive_caps=0

mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
sim=/sys/kernel/config/gpio-sim/candor
mkdir -p "$sim/bank0"
echo 16 >"$sim/bank0/num_lines"
echo candor-sim >"$sim/bank0/label"
echo 1 >"$sim/live"

# The simulated chip's folder under one name, whatever number it got.
mkdir -p /run/candor-bench
ln -sfn "/sys/devices/platform/$(cat "$sim/dev_name")/$(cat "$sim/bank0/chip_name")" /run/candor-bench/chip
for line in 0 1 2 3 4 5 6; do echo pull-up >/run/candor-bench/chip/sim_gpio$line/pull; done
udevadm settle --timeout=60 || true
# The interview's camera shows what the bench feeds it; a test of faults puts vivid in its place, which can be unbound.
ln -sfn /dev/video9 /dev/candor-camera
