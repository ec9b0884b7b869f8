# Ordinary work through docker-py, with a restart of the daemon in the middle; prints one line of JSON.
import json
import os
import sys
import threading

import docker

client = docker.from_env()
image = client.images.pull(os.environ["REGISTRY"] + "/busybox", tag="latest")
events = client.events(decode=True, filters={"label": "by=docker-py", "event": "start"})
container = client.containers.run(
    "busybox", ["sh", "-c", "echo up; exec sleep 60"], name="docker-py", labels={"by": "docker-py"}, detach=True
)


def refused(attempt, kind):
    try:
        attempt()
    except kind as error:
        return error
    return None


def failing():
    command = ["sh", "-c", "echo out; echo err >&2; exit 3"]
    error = refused(lambda: client.containers.run("busybox", command, remove=True), docker.errors.ContainerError)
    return [error.exit_status, error.stderr.decode()]


def missing():
    error = refused(lambda: client.containers.get("nobody"), docker.errors.NotFound)
    return [error.status_code, error.explanation]


def attached():
    other = client.containers.create("busybox", ["echo", "attached"])
    output = other.attach(stream=True, logs=False)
    other.start()
    text = b"".join(output).decode()
    other.wait()
    return [text, client.containers.prune(filters={"label!": "by=docker-py"})["ContainersDeleted"] == [other.id]]


def tagged():
    client.images.get("busybox").tag("again", tag="v1")
    names = [tag for found in client.images.list(name="again") for tag in found.tags if tag.startswith("again")]
    client.images.remove("again:v1")
    return names


def restart_daemon():
    print("restart", flush=True)
    sys.stdin.readline()


executed = container.exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True)
result = {
    "image": image.tags,
    "run": client.containers.run("busybox", ["echo", "hello"], remove=True).decode(),
    "failing": failing(),
    "exec": [executed.exit_code, [part.decode() for part in executed.output]],
    "listed": [found.name for found in client.containers.list(filters={"label": "by=docker-py"})],
    "logs": next(container.logs(stream=True, follow=True)).decode(),
    "missing": missing(),
    "attached": attached(),
    "event": next(events)["Actor"]["Attributes"]["name"],
    "stats": container.stats(stream=False)["memory_stats"]["usage"] > 0,
    "top": container.top()["Processes"][0][-1],
    "tagged": tagged(),
    "loaded": [tag for found in client.images.load(open(os.environ["ARCHIVE"], "rb")) for tag in found.tags if tag == "busybox:latest"],
    "networks": sorted(network.name for network in client.networks.list()),
    "version": client.version()["Os"],
}
events.close()
pid = container.attrs["State"]["Pid"] or client.api.inspect_container(container.id)["State"]["Pid"]
restart_daemon()
container.reload()
again = container.exec_run(["echo", "again"])
result["kept"] = [container.status, container.attrs["State"]["Pid"] == pid, again.output.decode()]
waited = []
waiting = threading.Thread(target=lambda: waited.append(docker.from_env().containers.get("docker-py").wait()["StatusCode"]))
waiting.start()
container.stop(timeout=0)
waiting.join()
result["waited"] = waited
container.remove()
print(json.dumps(result))
