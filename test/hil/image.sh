#!/usr/bin/env bash
# Builds the disks of the bench's machine: test/hil/image.sh OUT. Each step is kept in the cache under the hash of what
# it is made from, so that a second run builds only what has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?where the disks are put}
cache=${CANDOR_HIL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/candor/hil}
here=test/hil
mkdir -p "$cache" "$out"

say() { printf '\033[1mbench:\033[0m %s\n' "$*" >&2; }
refuse() { printf 'bench: %s\n' "$*" >&2; exit 1; }
digest() { sha256sum "$@" | sha256sum | cut -c1-16; }

# --- what the host needs --------------------------------------------------------------------------------------------

needs=(qemu-system-x86_64:qemu-system-x86 mmdebstrap:mmdebstrap mksquashfs:squashfs-tools mkfs.ext4:e2fsprogs cpio:cpio depmod:kmod make:make gcc:gcc xz:xz-utils)
missing=()
for need in "${needs[@]}"; do
  command -v "${need%%:*}" >/dev/null || [ -x "/usr/sbin/${need%%:*}" ] || missing+=("${need##*:}")
done
[ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || missing+=(busybox-static)
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" -eq 0 ] || refuse "these Debian packages are missing: ${missing[*]}. Run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  apt-get update --quiet >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" >/dev/null
fi
[ "$(id -u)" -eq 0 ] || refuse "the system's disk is built as root: run it with sudo, or in a container"
export PATH=$PATH:/usr/sbin

# One build at a time in one cache; a machine that runs keeps the disks it has opened.
exec 9>"$cache/lock"
flock 9

# A step: its name, the hash of its inputs, and the function that makes $cache/NAME-HASH (a file or folder) as $1.
step() {
  local name=$1 hash=$2 make=$3 target begun
  target=$cache/$name-$hash
  if [ -e "$target" ]; then
    say "$name: nothing has changed"
  else
    begun=$SECONDS
    say "$name: building"
    rm -rf "$target.next"
    "$make" "$target.next"
    mv "$target.next" "$target"
    # Only the newest of each name is kept.
    find "$cache" -maxdepth 1 -name "$name-*" ! -name "$name-$hash" -exec rm -rf {} +
    say "$name: built in $((SECONDS - begun)) s"
  fi
  made=$target
}

# --- the system: Debian with its own kernel -------------------------------------------------------------------------

packages=systemd-sysv,udev,kmod,linux-image-amd64,ffmpeg,alsa-utils,v4l-utils,iproute2,libgomp1,libstdc++6,espeak-ng,util-linux,procps,gpiod,eatmydata
build_system() {
  mmdebstrap --quiet --variant=minbase --mode=root --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$1" $(ls /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1) >/dev/null
  cp "$(readlink -f "$(command -v node)")" "$1/usr/bin/node"
  echo candor-bench >"$1/etc/hostname"
  printf '127.0.0.1 localhost candor-bench\n' >"$1/etc/hosts"
  echo 0123456789abcdef0123456789abcdef >"$1/etc/machine-id"
  ln -s /usr/lib/candor/cli/candor.js "$1/usr/bin/candor"
  echo '/dev/vdc /var/lib/candor ext4 defaults,nofail,x-systemd.device-timeout=60 0 0' >"$1/etc/fstab"
  local unit
  for unit in apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer \
    getty@tty1.service getty-static.service serial-getty@ttyS0.service systemd-pstore.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service modprobe@loop.service \
    dev-hugepages.mount dev-mqueue.mount sys-kernel-tracing.mount sys-kernel-debug.mount systemd-binfmt.service systemd-rfkill.socket; do
    ln -sf /dev/null "$1/etc/systemd/system/$unit"
  done
  # A bus that nothing here needs, at boot: the emulated machine is slow.
  rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*
}

# --- modules that Debian's kernel does not carry ---------------------------------------------------------------------

build_modules() {
  local kernel=$1.kernel version source
  mkdir -p "$1" "$kernel"
  version=$(ls "$system/lib/modules")
  say "modules: headers and source of $version"
  (cd "$kernel" && apt-get update --quiet >/dev/null && apt-get download --quiet "linux-headers-$version" "linux-headers-${version%-amd64}-common" linux-kbuild-6.1 linux-source-6.1 v4l2loopback-dkms >/dev/null 2>&1)
  for source in "$kernel"/linux-headers-*.deb "$kernel"/linux-kbuild-*.deb "$kernel"/v4l2loopback-*.deb; do dpkg-deb -x "$source" "$kernel"; done
  # The headers name their parts by absolute paths below /usr/src and /usr/lib.
  sed -i "s#/usr/src/#$kernel/usr/src/#g" "$kernel/usr/src/linux-headers-$version/Makefile"
  ln -sfn "$kernel/usr/lib/linux-kbuild-6.1/scripts" "$kernel/usr/src/linux-headers-${version%-amd64}-common/scripts" 2>/dev/null || true
  dpkg-deb --fsys-tarfile "$kernel"/linux-source-6.1_*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz \
    | tar -xJ -C "$kernel" --strip-components=1 linux-source-6.1/drivers/gpio/gpio-sim.c linux-source-6.1/drivers/gpio/gpiolib.h linux-source-6.1/kernel/irq/irq_sim.c linux-source-6.1/drivers/leds/uleds.c
  mkdir -p "$kernel/build"
  cp "$kernel/drivers/gpio/gpio-sim.c" "$kernel/build/gpio-sim-main.c"
  cp "$kernel/drivers/gpio/gpiolib.h" "$kernel/drivers/leds/uleds.c" "$kernel"/usr/src/v4l2loopback-*/v4l2loopback*.[ch] "$kernel/build/"
  # Of an interrupt's descriptor a module knows nothing; the kernel's own entry does the same.
  sed 's/handle_simple_irq(irq_to_desc(irqnum));/generic_handle_irq(irqnum);/' "$kernel/kernel/irq/irq_sim.c" >"$kernel/build/irq_sim.c"
  printf 'obj-m := gpio-sim.o uleds.o v4l2loopback.o\ngpio-sim-y := gpio-sim-main.o irq_sim.o\n' >"$kernel/build/Makefile"
  make -C "$kernel/usr/src/linux-headers-$version" M="$(realpath "$kernel/build")" modules >"$cache/modules.log" 2>&1 || { tail -n 20 "$cache/modules.log" >&2; refuse "the modules were not built: see $cache/modules.log"; }
  cp "$kernel"/build/*.ko "$1"
  rm -rf "$kernel"
}

# --- disks ----------------------------------------------------------------------------------------------------------

build_disk() {
  local version
  mkdir -p "$1"
  version=$(ls "$system/lib/modules")
  rm -rf "$1.tree"
  cp -al "$system" "$1.tree"
  install -D -m 644 -t "$1.tree/lib/modules/$version/extra" "$modules"/*.ko
  depmod -b "$1.tree" "$version"
  install -m 644 -t "$1.tree/etc/systemd/system" $here/guest/*.service
  mkdir -p "$1.tree/etc/systemd/system/multi-user.target.wants"
  ln -sf ../candor-bench.service ../candor-bench-hardware.service "$1.tree/etc/systemd/system/multi-user.target.wants/"
  mksquashfs "$1.tree" "$1/system.squashfs" -comp lz4 -noappend -quiet -no-progress -no-xattrs -e "$1.tree/boot" >/dev/null
  cp "$system"/boot/vmlinuz-* "$1/vmlinuz"
  build_initrd "$1" "$version"
  rm -rf "$1.tree"
}

build_initrd() {
  local tree=$1.initrd version=$2 module file
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,dev,proc,sys} "$tree/lib/modules/$version"
  cp /bin/busybox "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sh"
  install -m 755 $here/guest/init "$tree/init"
  for module in virtio_pci virtio_blk virtio_console virtio_net virtio_rng squashfs overlay ext4 loop; do
    modprobe -d "$1.tree" -S "$version" --show-depends "$module" 2>/dev/null | awk '/^insmod/ { print $2 }' || true
  done | sort -u | while read -r file; do install -D "$file" "$tree/lib/modules/${file#*/lib/modules/}"; done
  cp "$system/lib/modules/$version"/modules.{builtin,order,builtin.modinfo} "$tree/lib/modules/$version/"
  depmod -b "$tree" "$version"
  (cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$1/initrd.gz"
  rm -rf "$tree"
}

build_application() {
  local tree=$1.tree part
  mkdir -p "$tree/test"
  for part in dist node_modules package.json cli screen inference contracts boards systemd; do cp -a --no-preserve=ownership "$(readlink -f "$part")" "$tree/$part"; done
  cp -a $here test/fixtures "$tree/test/"
  mksquashfs "$tree" "$1" -comp lz4 -noappend -quiet -no-progress -no-xattrs \
    -wildcards -e 'node_modules/@biomejs' 'node_modules/@typescript' 'node_modules/typescript' \
    'node_modules/onnxruntime-node/bin/napi-v*/darwin' 'node_modules/onnxruntime-node/bin/napi-v*/win32' 'node_modules/onnxruntime-node/bin/napi-v*/linux/arm64' '... *.map' >/dev/null
  rm -rf "$tree"
}

begun=$SECONDS
[ -d dist ] || refuse "nothing is built: run make build first"
step system "$(printf '%s' "$packages $(node -v)" "$(sed -n '/^build_system/,/^}/p' $here/image.sh)" | sha256sum | cut -c1-16)" build_system
system=$made
step modules "$( { ls "$system/lib/modules"; sed -n '/^build_modules/,/^}/p' $here/image.sh; } | sha256sum | cut -c1-16)" build_modules
modules=$made
step disk "$( { echo "$system $modules"; cat $here/guest/init $here/guest/*.service; sed -n '/^build_disk/,/^build_application/p' $here/image.sh; } | sha256sum | cut -c1-16)" build_disk
disk=$made
step application "$( { find dist cli screen boards systemd $here -type f ! -name '*.map' ! -name .tsbuildinfo -print0 | sort -z | xargs -0 sha256sum; sha256sum package-lock.json; } | sha256sum | cut -c1-16)" build_application
application=$made
# Names of their own: what another checkout throws out of the cache stays here for the next boot.
place() { rm -f "$2"; ln "$1" "$2" 2>/dev/null || cp "$1" "$2"; }
place "$application" "$out/application.squashfs"
for file in system.squashfs vmlinuz initrd.gz; do place "$disk/$file" "$out/$file"; done
say "disks are ready after $((SECONDS - begun)) s"
