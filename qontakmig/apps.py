from django.apps import AppConfig


class QontakmigConfig(AppConfig):
    name = "qontakmig"

    def ready(self) -> None:
        from qontakmig import checks  # noqa: F401  registers the start-up checks
