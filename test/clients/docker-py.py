# Ordinary work through docker-py; prints one line of JSON.
import json
import os

import docker

client = docker.from_env()
image = client.images.pull(os.environ["REGISTRY"] + "/busybox", tag="latest")
container = client.containers.run(
    "busybox", ["sh", "-c", "echo up; exec sleep 60"], name="docker-py", labels={"by": "docker-py"}, detach=True
)


def failing():
    try:
        client.containers.run("busybox", ["sh", "-c", "echo out; echo err >&2; exit 3"], remove=True)
    except docker.errors.ContainerError as error:
        return [error.exit_status, error.stderr.decode()]
    return None


def missing():
    try:
        client.containers.get("nobody")
    except docker.errors.NotFound as error:
        return [error.status_code, error.explanation]
    return None


executed = container.exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True)
result = {
    "image": image.tags,
    "run": client.containers.run("busybox", ["echo", "hello"], remove=True).decode(),
    "failing": failing(),
    "exec": [executed.exit_code, [part.decode() for part in executed.output]],
    "listed": [found.name for found in client.containers.list(filters={"label": "by=docker-py"})],
    "logs": next(container.logs(stream=True, follow=True)).decode(),
    "missing": missing(),
}
container.stop(timeout=0)
result["waited"] = container.wait()["StatusCode"]
container.remove()
print(json.dumps(result))
