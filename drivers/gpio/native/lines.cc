// GPIO character device, uAPI v2 (Documentation/userspace-api/gpio/chardev.rst of the kernel): what Node itself cannot do is an
// ioctl, and a wait for a file that is neither a socket nor a pipe. Everything else is character.ts.
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <node_api.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

namespace {

napi_value Refuse(napi_env env, const char *what, int number) {
  char text[384];
  snprintf(text, sizeof text, "%s: %s", what, strerror(number));
  napi_throw_error(env, uv_err_name(-number), text);
  return nullptr;
}

void Arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, nullptr, nullptr);
  if (given < count) napi_throw_type_error(env, "EINVAL", "too few arguments");
}

bool PathOf(napi_env env, napi_value value, char (&path)[256]) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, path, sizeof path, &length) == napi_ok) return true;
  napi_throw_type_error(env, "EINVAL", "the path of a chip is a string");
  return false;
}

int FileOf(napi_env env, napi_value value) {
  int32_t file = -1;
  napi_get_value_int32(env, value, &file);
  return file;
}

void SetText(napi_env env, napi_value object, const char *name, const char *text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

void SetNumber(napi_env env, napi_value object, const char *name, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

// chip(path): { name, label, lines }
napi_value Chip(napi_env env, napi_callback_info info) {
  napi_value values[1] = {};
  Arguments(env, info, 1, values);
  char path[256];
  if (!PathOf(env, values[0], path)) return nullptr;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return Refuse(env, path, errno);
  gpiochip_info chip = {};
  int failed = ioctl(file, GPIO_GET_CHIPINFO_IOCTL, &chip) < 0 ? errno : 0;
  close(file);
  if (failed != 0) return Refuse(env, path, failed);
  napi_value object;
  napi_create_object(env, &object);
  SetText(env, object, "name", chip.name);
  SetText(env, object, "label", chip.label);
  SetNumber(env, object, "lines", chip.lines);
  return object;
}

// request(path, offset, flags, debounceMicros): the file of the line, held until it is closed
napi_value Request(napi_env env, napi_callback_info info) {
  napi_value values[4] = {};
  Arguments(env, info, 4, values);
  char path[256];
  if (!PathOf(env, values[0], path)) return nullptr;
  uint32_t offset = 0, debounce = 0;
  int64_t flags = 0;
  napi_get_value_uint32(env, values[1], &offset);
  napi_get_value_int64(env, values[2], &flags);
  napi_get_value_uint32(env, values[3], &debounce);
  gpio_v2_line_request request = {};
  request.offsets[0] = offset;
  request.num_lines = 1;
  request.config.flags = static_cast<__u64>(flags);
  snprintf(request.consumer, sizeof request.consumer, "candor");
  if (debounce > 0) {
    request.config.num_attrs = 1;
    request.config.attrs[0].mask = 1;
    request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    request.config.attrs[0].attr.debounce_period_us = debounce;
  }
  int chip = open(path, O_RDWR | O_CLOEXEC);
  if (chip < 0) return Refuse(env, path, errno);
  int failed = ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0 ? errno : 0;
  close(chip);
  if (failed != 0) return Refuse(env, path, failed);
  fcntl(request.fd, F_SETFL, O_NONBLOCK);
  fcntl(request.fd, F_SETFD, FD_CLOEXEC);
  napi_value file;
  napi_create_int32(env, request.fd, &file);
  return file;
}

// read(file): whether the line is active
napi_value Read(napi_env env, napi_callback_info info) {
  napi_value values[1] = {};
  Arguments(env, info, 1, values);
  gpio_v2_line_values levels = {};
  levels.mask = 1;
  if (ioctl(FileOf(env, values[0]), GPIO_V2_LINE_GET_VALUES_IOCTL, &levels) < 0) return Refuse(env, "reading a line", errno);
  napi_value active;
  napi_get_boolean(env, (levels.bits & 1) != 0, &active);
  return active;
}

// write(file, active)
napi_value Write(napi_env env, napi_callback_info info) {
  napi_value values[2] = {};
  Arguments(env, info, 2, values);
  bool active = false;
  napi_get_value_bool(env, values[1], &active);
  gpio_v2_line_values levels = {};
  levels.mask = 1;
  levels.bits = active ? 1 : 0;
  if (ioctl(FileOf(env, values[0]), GPIO_V2_LINE_SET_VALUES_IOCTL, &levels) < 0) return Refuse(env, "writing a line", errno);
  return nullptr;
}

struct Watch {
  uv_poll_t poll;
  napi_env env;
  napi_async_context context;
  napi_ref onEdge;
  napi_ref onEnd;
  int file;
  bool stopped;
};

void Tell(Watch *watch, napi_ref handler, size_t count, napi_value *values) {
  napi_value function, receiver, result;
  napi_get_reference_value(watch->env, handler, &function);
  napi_get_global(watch->env, &receiver);
  if (napi_make_callback(watch->env, watch->context, receiver, function, count, values, &result) != napi_pending_exception) return;
  napi_value error;
  napi_get_and_clear_last_exception(watch->env, &error);
  napi_fatal_exception(watch->env, error);
}

void Stop(Watch *watch) {
  if (watch->stopped) return;
  watch->stopped = true;
  uv_poll_stop(&watch->poll);
}

void End(Watch *watch, int number) {
  Stop(watch);
  napi_value code;
  napi_create_string_utf8(watch->env, uv_err_name(-number), NAPI_AUTO_LENGTH, &code);
  Tell(watch, watch->onEnd, 1, &code);
}

void TellEdges(Watch *watch) {
  gpio_v2_line_event events[16];
  ssize_t length = read(watch->file, events, sizeof events);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // A file that can be read and gives nothing would be reported for ever.
  if (length <= 0) return End(watch, length < 0 ? errno : ENODEV);
  size_t count = static_cast<size_t>(length) / sizeof events[0];
  for (size_t index = 0; index < count && !watch->stopped; index++) {
    napi_value values[2];
    napi_get_boolean(watch->env, events[index].id == GPIO_V2_LINE_EVENT_RISING_EDGE, &values[0]);
    napi_create_double(watch->env, static_cast<double>(events[index].timestamp_ns / 1000) / 1000.0, &values[1]);
    Tell(watch, watch->onEdge, 2, values);
  }
}

void Polled(uv_poll_t *poll, int status, int) {
  Watch *watch = static_cast<Watch *>(poll->data);
  napi_handle_scope scope;
  napi_open_handle_scope(watch->env, &scope);
  if (status < 0) End(watch, -status);
  else TellEdges(watch);
  napi_close_handle_scope(watch->env, scope);
}

void Free(uv_handle_t *poll) {
  Watch *watch = static_cast<Watch *>(poll->data);
  napi_delete_reference(watch->env, watch->onEdge);
  napi_delete_reference(watch->env, watch->onEnd);
  napi_async_destroy(watch->env, watch->context);
  delete watch;
}

// watch(file, onEdge(active, atMonotonicMillis), onEnd(code)): what unwatch takes
napi_value StartWatch(napi_env env, napi_callback_info info) {
  napi_value values[3] = {};
  Arguments(env, info, 3, values);
  uv_loop_t *loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  Watch *watch = new Watch{};
  watch->env = env;
  watch->file = FileOf(env, values[0]);
  int failed = uv_poll_init(loop, &watch->poll, watch->file);
  if (failed != 0) {
    delete watch;
    return Refuse(env, "watching a line", -failed);
  }
  watch->poll.data = watch;
  napi_value name, handle;
  napi_create_string_utf8(env, "candor.gpio", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, nullptr, name, &watch->context);
  napi_create_reference(env, values[1], 1, &watch->onEdge);
  napi_create_reference(env, values[2], 1, &watch->onEnd);
  uv_poll_start(&watch->poll, UV_READABLE, Polled);
  napi_create_external(env, watch, nullptr, nullptr, &handle);
  return handle;
}

// unwatch(watch): once for each watch, before its file is closed
napi_value StopWatch(napi_env env, napi_callback_info info) {
  napi_value values[1] = {};
  Arguments(env, info, 1, values);
  void *pointer = nullptr;
  if (napi_get_value_external(env, values[0], &pointer) != napi_ok) return Refuse(env, "unwatching a line", EINVAL);
  Watch *watch = static_cast<Watch *>(pointer);
  Stop(watch);
  // A handler may end its own watch: what it runs on goes when the loop has let go of the handle.
  uv_close(reinterpret_cast<uv_handle_t *>(&watch->poll), Free);
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {{"chip", Chip}, {"request", Request}, {"read", Read}, {"write", Write}, {"watch", StartWatch}, {"unwatch", StopWatch}};
  for (const auto &one : functions) {
    napi_value function;
    napi_create_function(env, one.name, NAPI_AUTO_LENGTH, one.call, nullptr, &function);
    napi_set_named_property(env, exports, one.name, function);
  }
  napi_value flags;
  napi_create_object(env, &flags);
  SetNumber(env, flags, "activeLow", GPIO_V2_LINE_FLAG_ACTIVE_LOW);
  SetNumber(env, flags, "input", GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING);
  SetNumber(env, flags, "output", GPIO_V2_LINE_FLAG_OUTPUT);
  SetNumber(env, flags, "pullUp", GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
  SetNumber(env, flags, "pullDown", GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN);
  SetNumber(env, flags, "noBias", GPIO_V2_LINE_FLAG_BIAS_DISABLED);
  napi_set_named_property(env, exports, "flags", flags);
  return exports;
}

}  // namespace

NAPI_MODULE(lines, Init)
