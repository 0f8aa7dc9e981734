# The image of docs/scale/kuberay.yaml: the repository's own, with what KubeRay expects to find in it.
#   docker build -t wechat-harvester:ray-base --build-arg EXTRAS=feeds,ray,remote,tables .
#   docker build -t REGISTRY/wechat-harvester-ray:1 -f docs/scale/ray.Dockerfile docs/scale
FROM wechat-harvester:ray-base
USER root
# ray[default]: the dashboard, to which KubeRay submits jobs. wget: KubeRay's probes call it.
# The links: a login shell, which older KubeRay starts (before 1.4), sets PATH anew.
RUN /opt/harvester/bin/pip install --no-cache-dir --disable-pip-version-check \
      "ray[default]==$(/opt/harvester/bin/python -c 'import ray; print(ray.__version__)')" \
    && apt-get update && apt-get install -y --no-install-recommends wget && rm -rf /var/lib/apt/lists/* \
    && ln -s /opt/harvester/bin/ray /opt/harvester/bin/harvester /usr/local/bin/
USER 10001:10001
HEALTHCHECK NONE
