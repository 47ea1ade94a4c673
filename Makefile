# Jalon. `make` alone lists the commands.
.DEFAULT_GOAL := help
.PHONY: help run test bench bench-rules bench-horaires bench-force bench-personas bench-modeles bench-echanges bench-sms bench-pages verifier falc entrainer evaluer nettoyer verrous bench-lieux bench-lieux-noms captures bench-lisibilite audit sbom fuzz pannes bench-charge bench-endurance profil bench-taille
MAKEFLAGS += --no-print-directory
BIN := .venv/bin

help: ## Affiche cette liste
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Installe, construit, entraîne si besoin, puis démarre tout (Ctrl-C pour arrêter)
	@scripts/bootstrap.sh run
	@exec $(BIN)/jalon servir

test: ## Installe ce qu'il faut et passe tous les tests
	@scripts/bootstrap.sh dev
	$(BIN)/ruff check .
	$(BIN)/jalon construire
	$(BIN)/jalon entrainer
	$(BIN)/python -m pytest $(ARGS)

bench: ## Mesure tout sur une page (écrit dans bench/resultats/)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.run

bench-rules: ## Mesure le moteur de règles face à d'autres (node et le réseau la première fois)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.rules.run $(ARGS)

bench-horaires: ## Compare les horaires à une autre implémentation (node et le réseau la première fois ; ARGS=--figer)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.hours.run $(ARGS)

bench-personas: ## Compte les questions posées à des personnes inventées
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/python -m bench.personas

bench-lieux: ## Mesure la recherche des lieux proches, de 1 000 à 1 000 000 de lieux (10 minutes)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.places.run $(ARGS)
	@.venv-rasa/bin/python -m bench.places.plot

bench-force: ## Compare le moteur à l'essai de toutes les personnes possibles (10 minutes)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.brute_force $(ARGS)

bench-lieux-noms: ## Mesure la recherche de lieux et l'import des adresses (ARGS=adresses-75.csv.gz)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.gazetteer.run $(ARGS)

bench-sms: ## Compte les SMS et leur coût jusqu'à un premier lieu utile
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/python -m bench.sms.table

bench-modeles: ## Compare des modèles de compréhension (des heures : DIET ; ARGS=--reprendre garde ce qui est fait)
	@scripts/bootstrap.sh dev
	@.venv-rasa/bin/python -m bench.models.run $(ARGS)

bench-echanges: ## Mesure l'import de 100 000 services : durée et mémoire (quelques minutes)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.exchange.run $(ARGS)

bench-pages: ## Mesure les pages sur un mauvais réseau, et 20 personnes à la fois (2 minutes)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.pages.run $(ARGS)

bench-lisibilite: ## Mesure si les textes sont faciles à lire, et ce que vaut le contrôle (1 minute)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m bench.readability.run
	@.venv-rasa/bin/python -m bench.readability.plot

bench-charge: ## Mesure tours/s, attente, mémoire sous charge (wrk ; 6 minutes)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.load.run $(ARGS)

bench-endurance: ## Mesure si la mémoire reste plate sous charge (wrk ; 20 minutes ; ARGS="--minutes 5")
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.load.soak $(ARGS)

profil: ## Mesure ce que coûte un tour dans chaque processus, et où passe le temps (1 minute ; wrk)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.load.profile $(ARGS)

bench-taille: ## Mesure les tours et le poids d'une conversation (PostgreSQL et Redis ; 2 minutes)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.sizing

captures: ## Refait les images de docs/images/ (Chromium ; ARGS="fiche guichet" pour quelques-unes)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.captures $(ARGS)

verifier: ## Vérifie la base de règles et les lieux
	@scripts/bootstrap.sh run
	@$(BIN)/jalon verifier

falc: ## Contrôle tous les textes : français facile à lire et ceux de 5 000 situations (ARGS="data/services.yml" : un fichier)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon falc $(ARGS)
	@$(if $(ARGS),,$(BIN)/jalon construire && $(BIN)/python -m bench.composed_texts)

entrainer: ## Entraîne le modèle de compréhension, s'il n'est plus à jour
	@scripts/bootstrap.sh run
	@$(BIN)/jalon entrainer

audit: ## Cherche les failles connues de tous les paquets (le réseau ; les acceptées sont dans deploy/audit.yml)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m scripts.audit

sbom: ## Écrit la liste de tout ce qui est installé (CycloneDX, dans run/sbom/)
	@scripts/bootstrap.sh dev
	@$(BIN)/python -m scripts.sbom

fuzz: ## Essaie 5 000 requêtes puis 30 minutes de messages au hasard (JALON_FUZZ_MINUTES=5, JALON_GRAINE=…)
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	JALON_HASARD=10 $(BIN)/python -m pytest -s tests/test_door_openapi.py
	JALON_FUZZ_MINUTES=$${JALON_FUZZ_MINUTES:-30} $(BIN)/python -m pytest -s tests/test_fuzz.py

pannes: ## Provoque plus de 40 pannes et mesure ce que la personne reçoit (15 minutes ; ARGS="--seulement ville")
	@scripts/bootstrap.sh dev
	@$(BIN)/jalon construire
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.faults.run $(ARGS)

evaluer: ## Mesure la compréhension sur les messages d'épreuve (écrit dans bench/resultats/ et run/)
	@scripts/bootstrap.sh run
	@$(BIN)/jalon entrainer
	@$(BIN)/python -m bench.understanding.run $(ARGS)

nettoyer: ## Efface ce qui a été construit (base, modèles, environnements)
	rm -rf .venv .venv-rasa .cache .rasa .pytest_cache .ruff_cache .hypothesis data/jalon.db* assistant/models *.egg-info

verrous: ## Refait les trois fichiers de versions (.lock)
	@scripts/bootstrap.sh locks
