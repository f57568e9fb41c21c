"""The pipelines that every simulated HubSpot account has."""

from __future__ import annotations

from collections.abc import Mapping


def _stage(key: str, label: str, **metadata: str) -> dict[str, object]:
    return {"id": key, "label": label, "metadata": metadata, "archived": False}


# The default pipelines (HubSpot developer docs, Pipelines, seen 2026-11).
PIPELINES: Mapping[str, list[dict[str, object]]] = {
    "tickets": [
        {
            "id": "0",
            "label": "Support Pipeline",
            "stages": [
                _stage("1", "New", ticketState="OPEN", isClosed="false"),
                _stage("2", "Waiting on contact", ticketState="OPEN", isClosed="false"),
                _stage("3", "Waiting on us", ticketState="OPEN", isClosed="false"),
                _stage("4", "Closed", ticketState="CLOSED", isClosed="true"),
            ],
        }
    ],
    "deals": [
        {
            "id": "default",
            "label": "Sales Pipeline",
            "stages": [
                _stage("qualifiedtobuy", "Qualified To Buy", probability="0.4", isClosed="false"),
                _stage(
                    "presentationscheduled", "Presentation", probability="0.6", isClosed="false"
                ),
                _stage("contractsent", "Contract Sent", probability="0.9", isClosed="false"),
                _stage("closedwon", "Closed Won", probability="1.0", isClosed="true"),
                _stage("closedlost", "Closed Lost", probability="0.0", isClosed="true"),
            ],
        }
    ],
}
