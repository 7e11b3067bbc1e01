"""``coercion-detect train``: from the data set to a model folder with its card."""

from __future__ import annotations

from pathlib import Path

import typer


def train(
    data: Path = typer.Option(Path("data/examples.csv"), "--data", help="The labelled phrases."),
    output: Path = typer.Option(Path("models/tactics-en"), "--output", "-o", help="The model folder to write."),
    pipeline: Path = typer.Option(None, "--pipeline", help="Also keep the scikit-learn pipeline here (.joblib)."),
    conversations: bool = typer.Option(
        True, help="Learn from conversations.jsonl and ordinary_chats.jsonl beside the data, where there are any."
    ),
    vectors: bool = typer.Option(True, help="Use the word vectors beside the data, where there are any."),
    jobs: int = typer.Option(2, "--jobs", min=1, help="Processes to use; the result does not depend on it."),
) -> None:
    """Train a model; the same data give the same bytes. Needs the extra 'research'."""
    from rich.console import Console

    from coercion_detect import __version__
    from coercion_detect.errors import require
    from coercion_detect.taxonomy import note

    for module in ("sklearn", "joblib", "scipy"):
        require(module, extra="research")
    from coercion_detect.evaluation.card import decide_out_of_fold, write_card
    from coercion_detect.evaluation.conversation_card import learn_conversations
    from coercion_detect.training.dataset import load_examples
    from coercion_detect.training.messages import load_beside
    from coercion_detect.training.pipeline import save_pipeline
    from coercion_detect.training.train import Settings, train
    from coercion_detect.training.vectors import load_vectors

    console = Console(stderr=True, highlight=False)
    dataset = load_examples(data)
    known_words = load_vectors(data.parent) if vectors else None
    written, ordinary = load_beside(data.parent) if conversations else ((), ())
    with console.status("training") as status:
        trained = train(
            dataset,
            version=__version__,
            conversations=[*written, *ordinary],
            vectors=known_words,
            settings=Settings(jobs=jobs),
            progress=status.update,
        )
        status.update("measuring and writing the card")
        output.mkdir(parents=True, exist_ok=True)
        decisions = decide_out_of_fold(trained)
        write_card(output, trained, decisions)
        if written:
            status.update("learning to read conversations")
            learn_conversations(written, ordinary, trained, decisions, output, jobs=jobs)
        trained.model.save(output)
    if pipeline is not None:
        save_pipeline(trained.model, pipeline)
        console.print(f"The scikit-learn pipeline is in {pipeline}.")
    console.print(
        f"{trained.model.title}, trained on {len(dataset):,} texts, is in {output}. Read {output / 'CARD.md'}."
    )
    console.print(note())
